# アシスタント自身の言葉。言語ごとに一つのファイルで、キーはすべて同じです。
ai-notice = こちらは AI アシスタントの { $name } です。回答は承認された情報に基づいています。
launcher-label = チャットで質問
greeting = こんにちは。AI アシスタントの { $name } です。承認された情報をもとにお答えします。どのようなことをお知りになりたいですか？
quote-lead = 承認された情報「{ $title }」から引用します。
refusal = このご質問にお答えできる承認された情報がないため、推測での回答は控えさせていただきます。担当者がお手伝いできます。
refusal-handoff = このご質問にも、承認された情報からお答えすることができません。担当者にこの会話の引き継ぎを依頼しました。
failure = 申し訳ございません。問題が発生したため、お答えできませんでした。担当者にこの会話の引き継ぎを依頼しました。
away = ただいまお答えできません。担当者にこの会話の引き継ぎを依頼しました。こちらで返信いたします。
person-asked = 担当者にこの会話への参加を依頼しました。こちらに返信いたします。
person-away = ただいま担当者が不在です。メッセージは保存され、戻り次第、担当者がこちらに返信いたします。
person-joined = 担当者が参加しました。ここからは人が対応いたします。
person-left = ここからは再びAIアシスタントがお答えします。
person-late = 担当者の返信に通常より時間がかかっています。メッセージは失われません。メールアドレスを残していただければ、こちらからご連絡いたします。
plans-title = プランと料金
plans-text = { $count } つのプランがあります。月額料金は { $plans } です。
plan-in-list = { $name } が { $price }
plan-title = { $name } プランの料金と AI クレジット
plan-price = { $name } プランの料金（価格）は月額 { $price } で、毎月 { $credits } AI クレジットが含まれます。
plan-includes = ユーザー席数 { $seats }、標準連携 { $integrations }、ペルソナ { $personas }、ナレッジ項目 { $items } が含まれます。サポート: { $support }。会話は { $days } 日間保存されます。
unlimited = 無制限

# メールの言葉。件名と本文のキーが一つずつあります。
mail-invitation-subject = { $business } の Frontoffice チームへのご招待
mail-invitation-body =
    { $business } のチームに招待されています。承認するには、次のリンクを開いてください。

    { $link }

    このリンクは { $days } 日間有効です。お心当たりがない場合は、このメールを無視していただいて構いません。ご同意なしに何かが行われることはありません。
mail-signup-subject = メールアドレスの確認をお願いいたします
mail-signup-body =
    このメールアドレスで { $business } を Frontoffice に登録する手続きが行われています。次のリンクを開いて、メールアドレスを確認し、パスワードを設定してください。

    { $link }

    このリンクは { $hours } 時間有効です。お心当たりがない場合は、このメールを無視していただいて構いません。その場合、登録は行われません。
mail-known-subject = すでにアカウントをお持ちです
mail-known-body =
    どなたか（おそらくご本人）がこのメールアドレスで登録しようとしましたが、このアドレスにはすでにアカウントがあります。通常どおりログインしていただけます。パスワードをお忘れの場合は、こちらから新しいパスワードを設定してください。

    { $link }

    それ以外の場合は、このメールを無視していただいて構いません。
mail-reset-subject = 新しいパスワードの設定のご案内
mail-reset-body =
    どなたか（おそらくご本人）が、このアカウントの新しいパスワードを申請しました。設定するには、次のリンクを開いてください。

    { $link }

    このリンクは { $hours } 時間有効です。お心当たりがない場合は、このメールを無視していただいて構いません。パスワードは変更されません。
mail-changed-subject = パスワードが変更されました
mail-changed-body =
    アカウントのパスワードが変更され、ほかのセッションはすべて終了しました。お心当たりがない場合は、すぐに新しいパスワードを設定してください。

    { $link }
mail-credits-50-subject = { $business } の AI クレジットの半分が使われました
mail-credits-50-body =
    { $business } の今期の AI クレジットの半分が使われました。

    何に使われたか、残りがいつまで持ちそうかは、ポータルで確認できます。
mail-credits-80-subject = { $business } の AI クレジットの 80 % が使われました
mail-credits-80-body =
    { $business } の今期の AI クレジットの 80 % が使われました。

    いつなくなりそうかは、ポータルで確認できます。追加購入、または上位のプランにすると、訪問者への回答が止まりません。
mail-credits-100-subject = { $business } の AI クレジットがすべて使われました
mail-credits-100-body =
    { $business } の今期の AI クレジットがすべて使われました。

    追加購入などほかのクレジットがある間は、回答が続きます。残りと次の期間の開始は、ポータルで確認できます。
mail-credits-exhausted-subject = { $business } の AI クレジットがなくなりました
mail-credits-exhausted-body =
    AI クレジットがないため、{ $business } の訪問者に回答できませんでした。訪問者には不在時の文が表示され、担当者が呼ばれます。

    追加購入、または上位のプランにすると、すぐに再開します。それ以外は次の期間の開始時に再開します。
mail-plan-ended-subject = { $business } のプランが終了しました
mail-plan-ended-body =
    { $business } の契約が終了しました。訪問者には不在時の文が表示されます。保存されているものが失われることはありません。

    続けるには、ポータルでプランを選んでください。
mail-charges-differ-subject = { $business }：確認が必要な課金があります
mail-charges-differ-body =
    昨日の課金を計算し直したところ、少なくとも一件が実際の課金と異なりました。該当する回答は { $business } のログにあります。何も変更されていません。

# アカウントのページの言葉。
account-invitation-title = { $business } のチームに参加
account-signup-title = メールアドレスの確認
account-reset-title = 新しいパスワードの設定
account-forgot-title = パスワードをお忘れですか？
account-email = メールアドレス
account-name = お名前
account-password = 新しいパスワード
account-password-hint = 8～1,000 文字。メールアドレスや、よく使われるパスワードは使用できません。
account-submit-invitation = 参加する
account-submit-signup = 登録する
account-submit-reset = パスワードを保存
account-submit-forgot = リンクを送信
account-done-invitation = { $business } のチームに参加しました。ログインしていただけます。
account-done-signup = 登録が完了しました。ログインしていただけます。
account-done-reset = 新しいパスワードを保存し、すべてのセッションを終了しました。ログインしていただけます。
account-done-forgot = このアドレスにアカウントがある場合は、リンクを記載したメールをお送りします。
account-link-over = このリンクは無効か、有効期限が切れています。新しいリンクを申請してください。
account-failed = うまくいきませんでした。しばらくしてからもう一度お試しください。

statement-title = { $business } の利用明細
statement-total = 期間の合計
statement-from = 開始
statement-to = 終了
statement-item = 内訳
statement-version = 料金表の版
statement-credits = AI クレジット
statement-amount = 金額
statement-plan = { $name } プラン（期間分）
statement-proration = { $name } プラン（期間の残り）
statement-overage = プランを超えて使用したクレジット
statement-top-up = 購入したクレジット
statement-final = この期間は終了しており、この明細は今後変わりません。終了日は期間に含まれません。
statement-running = この期間はまだ続いているため、内容が変わることがあります。終了日は期間に含まれません。
statement-utc = 日付はすべて UTC です。

# 企業のウェブサイト上のチャットの言葉。
widget-close = チャットを閉じる
widget-log = 会話
widget-input = メッセージ
widget-placeholder = メッセージを入力…
widget-send = メッセージを送信
widget-stop = 回答を停止
widget-stopped = 停止しました
widget-typing = { $name } が入力中です…
widget-you = あなた
widget-agent = 担当者
widget-ai = AI アシスタント
widget-greeting = こんにちは。どのようなご用件でしょうか？
widget-handoff = 担当者と話す
widget-handoff_requested = 担当者を呼んでいます
widget-late = 通常より時間がかかっています
widget-human = 担当者が対応しています
widget-resolved = この会話は終了しました
widget-email = メールアドレスを残していただければ、この画面を離れた後でもご連絡いたします。
widget-email-label = メールアドレス
widget-email-send = 登録する
widget-email-done = ありがとうございます。こちらからご連絡いたします。
widget-email-wrong = name@example.com のような形式でメールアドレスを入力してください。
widget-up = 役に立った
widget-down = 役に立たなかった
widget-rate = この会話はいかがでしたか？
widget-rate-label = ご意見をお聞かせください（任意）
widget-rate-send = 感想を送る
widget-rate-done = ご意見ありがとうございました。
widget-sources = 出典
widget-queued = 送信待ち
widget-failed = 送信できませんでした。
widget-retry = 再試行
widget-discard = 破棄
widget-offline = オフラインです。入力した内容は接続が戻り次第送信されます。
widget-reconnecting = 接続が切れました。再接続しています…
widget-limited-one = メッセージが多すぎます。{ $count } 秒後に再送信します。
widget-limited-few = メッセージが多すぎます。{ $count } 秒後に再送信します。
widget-limited-many = メッセージが多すぎます。{ $count } 秒後に再送信します。
widget-limited-other = メッセージが多すぎます。{ $count } 秒後に再送信します。
widget-spent = 本日の上限に達しました。メッセージは保存されます。担当者と話すこともできます。
widget-error = 問題が発生しました。もう一度お試しください。
widget-no-connection = 現在チャットに接続できません。
widget-identify = このサイトにログインしてからご連絡ください。
widget-latest = 最新のメッセージへ
widget-unread-one = 新着 { $count } 件
widget-unread-few = 新着 { $count } 件
widget-unread-many = 新着 { $count } 件
widget-unread-other = 新着 { $count } 件
